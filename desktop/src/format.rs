//! Numbers, ages and dates as text.
//!
//! Figures that are compared with each other are rounded to the currency's minor unit (half-even,
//! as everywhere in this product); details, the clipboard and JSON have every digit.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

/// Decimal places of a currency's minor unit (ISO 4217); an unknown code has 2.
pub fn minor_unit(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// `1234567.505` USD is "1,234,567.50".
pub fn money(value: Decimal, currency: &str) -> String {
    exact_money(value.round_dp(minor_unit(currency)), currency)
}

/// As `money`, but places beyond the minor unit are kept when they say something.
pub fn exact_money(value: Decimal, currency: &str) -> String {
    exact(value, minor_unit(currency))
}

/// An exact number with at least `places` decimal places and grouped thousands.
pub fn exact(value: Decimal, places: u32) -> String {
    let mut value = value.normalize();
    if value.scale() < places {
        value.rescale(places);
    }
    group(&value.to_string())
}

/// A price per unit in a table: six places, half-even, as everywhere in this product.
pub fn unit_price(value: Decimal) -> String {
    exact(value.round_dp(6), 6)
}

/// A count: grouped, no decimal places unless there are some.
pub fn number(value: Decimal) -> String {
    exact(value, 0)
}

pub fn count(value: i64) -> String {
    group(&value.to_string())
}

/// `0.65` is "65.00 %".
pub fn percent(ratio: Decimal) -> String {
    match ratio.checked_mul(Decimal::ONE_HUNDRED) {
        Some(value) => format!("{} %", exact(value, 2)),
        None => format!("{} x 100 %", number(ratio)),
    }
}

/// A difference of two ratios, in percentage points: "2.73 pp".
pub fn points(difference: Decimal) -> String {
    format!(
        "{} pp",
        exact((difference * Decimal::ONE_HUNDRED).round_dp(2), 2)
    )
}

/// Text of a number with the plus of a positive one written out.
pub fn signed(value: Decimal, text: String) -> String {
    if value > Decimal::ZERO {
        format!("+{text}")
    } else {
        text
    }
}

fn group(text: &str) -> String {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let mut grouped = String::with_capacity(text.len() + text.len() / 3);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match fraction {
        Some(fraction) => format!("{sign}{grouped}.{fraction}"),
        None => format!("{sign}{grouped}"),
    }
}

/// "12 s", "3 min", "2 h 5 min", "4 d 3 h". A moment in the future counts as now.
pub fn span(delta: TimeDelta) -> String {
    let seconds = delta.num_seconds().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    let two = |big: i64, unit: &str, small: i64, small_unit: &str| {
        if small == 0 {
            format!("{big} {unit}")
        } else {
            format!("{big} {unit} {small} {small_unit}")
        }
    };
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{minutes} min"),
        3_600..86_400 => two(hours, "h", minutes % 60, "min"),
        _ => two(days, "d", hours % 24, "h"),
    }
}

pub fn age(then: DateTime<Utc>, now: DateTime<Utc>) -> String {
    span(now - then)
}

pub fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// The plural, where English makes one with an s.
pub fn plural(count: i64, noun: &str) -> String {
    let number = self::count(count);
    if count == 1 {
        format!("{number} {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use test_case::test_case;

    #[test_case("0", "USD", "0.00")]
    #[test_case("990", "USD", "990.00")]
    #[test_case("1234567.5", "USD", "1,234,567.50")]
    #[test_case("-1234.50", "USD", "-1,234.50")]
    #[test_case("0.004752", "USD", "0.004752")]
    #[test_case("1245.0081", "USD", "1,245.0081")]
    #[test_case("1234567", "JPY", "1,234,567")]
    #[test_case("1.5", "KWD", "1.500")]
    #[test_case("250000.0000", "USD", "250,000.00")]
    fn exact_money_is_grouped_and_padded_to_the_minor_unit(
        value: &str,
        currency: &str,
        expected: &str,
    ) {
        assert_eq!(exact_money(value.parse().unwrap(), currency), expected);
    }

    #[test_case("0.004752", "USD", "0.00")]
    #[test_case("-0.004", "USD", "0.00")]
    #[test_case("1245.0081", "USD", "1,245.01")]
    #[test_case("1234567.505", "USD", "1,234,567.50")]
    #[test_case("1234567.515", "USD", "1,234,567.52")]
    #[test_case("-9.995", "USD", "-10.00")]
    #[test_case("1234567.5", "JPY", "1,234,568")]
    #[test_case("1.50049", "KWD", "1.500")]
    fn money_is_rounded_to_the_minor_unit_half_even(value: &str, currency: &str, expected: &str) {
        assert_eq!(money(value.parse().unwrap(), currency), expected);
    }

    #[test_case("0.65", "65.00 %")]
    #[test_case("0.7273", "72.73 %")]
    #[test_case("0", "0.00 %")]
    #[test_case("-0.05", "-5.00 %")]
    #[test_case("0.316546", "31.6546 %")]
    fn ratios_are_shown_in_percent(ratio: &str, expected: &str) {
        assert_eq!(percent(ratio.parse().unwrap()), expected);
    }

    #[test_case("0.0273", "2.73 pp")]
    #[test_case("-0.01", "-1.00 pp")]
    #[test_case("0", "0.00 pp")]
    fn differences_are_shown_in_points(ratio: &str, expected: &str) {
        assert_eq!(points(ratio.parse().unwrap()), expected);
    }

    #[test_case(-5, "0 s")]
    #[test_case(59, "59 s")]
    #[test_case(60, "1 min")]
    #[test_case(7_500, "2 h 5 min")]
    #[test_case(7_200, "2 h")]
    #[test_case(356_400, "4 d 3 h")]
    fn ages_are_short(seconds: i64, expected: &str) {
        assert_eq!(span(TimeDelta::seconds(seconds)), expected);
    }

    proptest! {
        #[test]
        fn no_digit_of_an_amount_is_lost(mantissa in any::<i64>(), scale in 0_u32..12) {
            let value = Decimal::new(mantissa, scale);
            let shown = exact_money(value, "USD").replace(',', "");
            prop_assert_eq!(shown.parse::<Decimal>().unwrap(), value);
        }
    }
}
