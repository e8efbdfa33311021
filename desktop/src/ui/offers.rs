//! Offers, headed by what counts: the effective discount and the probability of a shortfall.

use super::{
    parts::{Context, Lines, facts, heading},
    table::{self, Column},
    text,
};
use crate::{
    format::{exact, exact_money, instant, money, percent, plural},
    model::{Offer, OfferStatus, Severity, ShortfallOutcome, Term, TermBody, Verdict},
};
use ratatui::text::Span;
use rust_decimal::Decimal;

/// Head and one line per offer. The best effective discount that is still on the table has a star.
pub fn list(offers: &[&Offer], currency: &str, context: &Context) -> Lines {
    const COLUMNS: [Column; 10] = [
        Column::text("", 0),
        Column::flex("Offer", 0, 24),
        Column::number("Effective", 0),
        Column::number("P(short)", 0),
        Column::number("Headline", 3),
        Column::number("Cash", 1),
        Column::text("Verdict", 2),
        Column::text("State", 4),
        Column::text("From", 6),
        Column::number("Round", 5),
    ];
    let theme = context.theme;
    let best = best(offers);
    let rows = offers
        .iter()
        .map(|offer| {
            let evaluation = &offer.evaluation;
            let is_best = best == Some(offer.id.as_str());
            let risk = evaluation.shortfall_probability;
            let risk_style = if risk >= Decimal::new(5, 1) {
                theme.bad()
            } else if risk >= Decimal::new(1, 1) {
                theme.warn()
            } else {
                theme.text()
            };
            let title_style = if is_live(offer) {
                theme.text()
            } else {
                theme.dim()
            };
            vec![
                Span::styled(if is_best { "★" } else { " " }, theme.good()),
                Span::styled(offer.title.clone(), title_style),
                Span::styled(optional(evaluation.effective_discount), theme.strong()),
                Span::styled(percent(risk), risk_style),
                Span::styled(optional(evaluation.headline_discount), theme.dim()),
                Span::raw(money(evaluation.cash, currency)),
                verdict(&evaluation.verdict, context),
                Span::styled(offer.status.word(), title_style),
                Span::styled(offer.from.word(), theme.dim()),
                Span::styled(offer.round.to_string(), theme.dim()),
            ]
        })
        .collect();
    table::lines(&COLUMNS, rows, context.width, theme.dim())
}

fn verdict(verdict: &Verdict, context: &Context) -> Span<'static> {
    let theme = context.theme;
    match verdict {
        Verdict::Accept => Span::styled("✓ accept", theme.good()),
        Verdict::Counter => Span::styled("· counter", theme.warn()),
        Verdict::Reject => Span::styled("✗ reject", theme.bad()),
        Verdict::Other(_) => Span::raw(verdict.word()),
    }
}

fn optional(ratio: Option<Decimal>) -> String {
    ratio.map_or("n/a".into(), percent)
}

/// Not yet decided, so it can still be chosen.
fn is_live(offer: &Offer) -> bool {
    matches!(
        offer.status,
        OfferStatus::Draft | OfferStatus::Proposed | OfferStatus::Accepted | OfferStatus::Other(_)
    )
}

fn best<'a>(offers: &[&'a Offer]) -> Option<&'a str> {
    offers
        .iter()
        .filter(|offer| is_live(offer))
        .filter_map(|offer| Some((offer.evaluation.effective_discount?, offer.id.as_str())))
        .max_by_key(|(discount, _)| *discount)
        .map(|(_, id)| id)
}

/// Everything about one offer.
pub fn detail(offer: &Offer, currency: &str, context: &Context) -> Lines {
    let theme = context.theme;
    let evaluation = &offer.evaluation;
    let amount = |value| Span::styled(exact_money(value, currency), theme.strong());
    let mut pairs = vec![
        ("Cash", amount(evaluation.cash)),
        ("NPV", amount(evaluation.npv)),
        ("List", amount(evaluation.list_cost)),
        ("Shortfall", amount(evaluation.shortfall)),
        ("Credits", amount(evaluation.credits)),
        ("E(shortfall)", amount(evaluation.expected_shortfall)),
        ("Cost P10", amount(evaluation.cost_p10)),
        ("P50", amount(evaluation.cost_p50)),
        ("P90", amount(evaluation.cost_p90)),
    ];
    if let Some(spend) = evaluation.break_even_spend {
        pairs.push(("Break-even spend", amount(spend)));
    }
    pairs.push(("Horizon", Span::raw(plural(evaluation.months, "month"))));
    pairs.push((
        "By",
        Span::raw(format!("{}, {}", offer.from.word(), offer.status.word())),
    ));
    if let Some(until) = offer.valid_until {
        pairs.push(("valid until", Span::raw(until.to_string())));
    }
    pairs.push(("made", Span::styled(instant(offer.created_at), theme.dim())));
    let mut lines = facts(pairs, context);
    for reason in &evaluation.reasons {
        let line = format!("{}: {}", reason.code, reason.message);
        lines.extend(text::hanging("· ", &line, context.width, theme.text()));
    }
    for finding in &offer.lint {
        let style = match finding.severity {
            Severity::Error => theme.bad(),
            Severity::Warning => theme.warn(),
            Severity::Info | Severity::Other(_) => theme.text(),
        };
        let price = exact_money(finding.amount, currency);
        let line = format!(
            "{} {} {price}{}: {}",
            finding.severity.word(),
            finding.code,
            clause(&finding.clause),
            finding.message
        );
        lines.extend(text::hanging("! ", &line, context.width, style));
    }
    if !offer.terms.is_empty() {
        lines.push(heading("Terms", theme));
    }
    for term in &offer.terms {
        lines.extend(text::hanging(
            "· ",
            &term_text(term, currency),
            context.width,
            theme.text(),
        ));
    }
    lines
}

fn clause(clause: &Option<String>) -> String {
    clause
        .as_ref()
        .map_or_else(String::new, |clause| format!(" [{clause}]"))
}

/// One term in one sentence.
pub fn term_text(term: &Term, currency: &str) -> String {
    let text = match &term.body {
        TermBody::Rate {
            scope,
            unit_price,
            discount,
            locked,
        } => {
            let price = match (unit_price, discount) {
                (Some(price), _) => exact(*price, 4),
                (None, Some(discount)) => format!("{} off list", percent(*discount)),
                (None, None) => "tiered".into(),
            };
            let scope = scope.as_deref().unwrap_or("all");
            let locked = if *locked { ", locked" } else { "" };
            format!("Rate {scope}: {price}{locked}")
        }
        TermBody::Ladder {
            basis,
            application,
            window_days,
            tiers,
        } => {
            let tiers: Vec<String> = tiers
                .iter()
                .map(|tier| {
                    format!(
                        "{} {} from {}",
                        tier.name,
                        percent(tier.discount),
                        exact_money(tier.threshold, currency)
                    )
                })
                .collect();
            format!(
                "Ladder on {} ({}, {window_days} days): {}",
                basis.word(),
                application.word(),
                tiers.join("; ")
            )
        }
        TermBody::Commitment { amount, interval } => {
            format!(
                "Commitment {} {}",
                exact_money(*amount, currency),
                interval.word()
            )
        }
        TermBody::Credit {
            amount,
            invoice_share,
            invoice_count,
            expires_on,
        } => {
            let what = match (amount, invoice_share) {
                (Some(amount), _) => exact_money(*amount, currency),
                (None, Some(share)) => format!(
                    "{} of {}",
                    percent(*share),
                    plural(invoice_count.unwrap_or(1), "invoice")
                ),
                (None, None) => "unspecified".into(),
            };
            let expires = expires_on.map_or_else(String::new, |day| format!(", expires {day}"));
            format!("Credit {what}{expires}")
        }
        TermBody::Ramp { steps } => {
            let steps: Vec<String> = steps
                .iter()
                .map(|step| {
                    format!(
                        "{} from month {}",
                        exact_money(step.commitment, currency),
                        step.from_month
                    )
                })
                .collect();
            format!("Ramp {}", steps.join("; "))
        }
        TermBody::Payment { net_days } => format!("Payment net {net_days}"),
        TermBody::Shortfall {
            outcome,
            percent: share,
        } => {
            let what = match (outcome, share) {
                (ShortfallOutcome::Pay100, _) => "paid in full".into(),
                (ShortfallOutcome::PayPct, Some(share)) => format!("{} is paid", percent(*share)),
                _ => outcome.word(),
            };
            format!("Shortfall: {what}")
        }
        TermBody::Renewal {
            start,
            term_months,
            notice_days,
            auto_renew,
        } => {
            let renew = if *auto_renew {
                "renews by itself"
            } else {
                "does not renew"
            };
            format!(
                "Term {} from {start}, {renew}, notice {}",
                plural(*term_months, "month"),
                plural(*notice_days, "day")
            )
        }
        TermBody::PriceProtection { max_increase } => {
            format!(
                "List rates rise by at most {} a year",
                percent(*max_increase)
            )
        }
        TermBody::Qualitative { topic, weight } => {
            let weight = weight.map_or_else(String::new, |w| format!(" (weight {})", percent(w)));
            format!("{topic}{weight}")
        }
        TermBody::Unknown => "A kind of term that this version cannot read".into(),
    };
    format!("{text}{}", clause(&term.clause))
}
