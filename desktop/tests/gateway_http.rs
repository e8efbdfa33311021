//! The HTTP client against a real socket: what is retried, what is said.

use crate::support::{
    closed_endpoint, sample, settings,
    stand_in::StandIn,
    world::{World, error},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use test_case::test_case;
use tokio::{io::AsyncWriteExt, net::TcpListener, time::timeout};
use twilio_negotiation_desktop::{
    api::{deeds::Deed, http::HttpClient},
    config::{Settings, Token},
    error::GatewayError,
    model::{Area, Update},
};

fn client(gateway: &StandIn) -> HttpClient {
    HttpClient::new(&settings(&gateway.endpoint())).unwrap()
}

fn asked(gateway: &StandIn) -> usize {
    gateway.world().requests.len()
}

/// A gateway that answers so the first times, and then as it should.
async fn answering(times: usize, status: u16, headers: &str, body: &str) -> StandIn {
    let world = World {
        http_faults: vec![(status, headers.into(), body.into()); times],
        ..World::default()
    };
    StandIn::start(world, 0).await
}

/// What the client says of such an answer, given to every try.
async fn failure(status: u16, headers: &str, body: &str) -> GatewayError {
    let gateway = answering(9, status, headers, body).await;
    client(&gateway).fetch(Area::Health).await.unwrap_err()
}

/// A gateway that answers this one operation with something else.
async fn answering_one(operation: &'static str, answer: Option<Value>) -> StandIn {
    let world = World {
        answers: BTreeMap::from([(operation, answer)]),
        ..World::default()
    };
    StandIn::start(world, 0).await
}

#[tokio::test]
async fn a_request_names_its_operation_and_carries_the_token() {
    let world = World {
        token: Some("s3cret".into()),
        ..World::default()
    };
    let gateway = StandIn::start(world, 0).await;
    let settings = Settings {
        token: Some(Token::parse("s3cret").unwrap()),
        ..settings(&gateway.endpoint())
    };
    let client = HttpClient::new(&settings).unwrap();
    let (update, _) = client.fetch(Area::Health).await.unwrap();
    assert!(matches!(update, Update::Health(health) if health.revision == 42));
    let (head, payload) = gateway.world().newest;
    assert!(head.starts_with("POST /graphql HTTP/1.1"), "{head}");
    let head = head.to_lowercase();
    assert!(head.contains("content-type: application/json"), "{head}");
    assert_eq!(payload["operationName"], "TerminalHealth");
    assert_eq!(payload["variables"], json!({}));
    assert_eq!(asked(&gateway), 1);
}

#[test_case(408)]
#[test_case(429)]
#[test_case(502)]
#[test_case(503)]
#[test_case(504)]
#[tokio::test]
async fn what_may_pass_by_itself_is_asked_again(status: u16) {
    let gateway = answering(2, status, "", "").await;
    assert!(client(&gateway).fetch(Area::Health).await.is_ok());
    assert_eq!(asked(&gateway), 3);
}

#[test_case(400)]
#[test_case(401)]
#[test_case(403)]
#[test_case(404)]
#[test_case(500)]
#[tokio::test]
async fn what_will_not_pass_is_asked_once(status: u16) {
    let gateway = answering(9, status, "", "no").await;
    let error = client(&gateway).fetch(Area::Health).await.unwrap_err();
    assert_eq!(asked(&gateway), 1);
    assert!(matches!(error, GatewayError::Status { status: s, .. } if s == status));
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    let gateway = answering(1, 429, "Retry-After: 1\r\n", "").await;
    let started = Instant::now();
    client(&gateway).fetch(Area::Health).await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn an_invalid_document_is_a_schema_mismatch() {
    let body =
        json!({ "errors": [{ "message": "Cannot query field 'queueDepth' on type 'Health'." }] });
    for status in [200, 400] {
        let error = failure(status, "", &body.to_string()).await;
        assert_eq!(
            error.to_string(),
            "schema mismatch in health: Cannot query field 'queueDepth' on type 'Health'."
        );
    }
}

#[tokio::test]
async fn an_answer_without_a_promised_field_is_a_schema_mismatch() {
    let mut health = sample::health();
    health.as_object_mut().unwrap().remove("queueDepth");
    let body = json!({ "data": { "health": health } });
    let error = failure(200, "", &body.to_string()).await;
    assert!(
        error.is_schema_mismatch() && error.to_string().contains("queueDepth"),
        "{error}"
    );
}

#[tokio::test]
async fn a_decimal_that_is_a_number_is_refused_rather_than_rounded() {
    let mut negotiation = sample::negotiation();
    negotiation["envelope"]["revenue"] = json!(990.1);
    let body = json!({ "data": { "negotiation": negotiation } });
    let gateway = answering(1, 200, "", &body.to_string()).await;
    let error = client(&gateway).fetch(Area::Negotiation).await.unwrap_err();
    assert!(
        error.is_schema_mismatch() && error.to_string().contains("990.1"),
        "{error}"
    );
}

#[tokio::test]
async fn a_refusal_keeps_its_code_and_its_correlation_id() {
    let refusal = error("FORBIDDEN", "Only analysts may see health.");
    let refused = failure(200, "", &refusal.to_string()).await;
    assert_eq!(
        refused.to_string(),
        "FORBIDDEN: Only analysts may see health. [correlation c0ffee]"
    );
    let refusal = error("UNAUTHENTICATED", "The token has expired.");
    let refused = failure(401, "", &refusal.to_string()).await;
    assert!(refused.advice().contains("TWILIO_NEGOTIATION_TOKEN"));
}

#[tokio::test]
async fn words_of_a_reader_that_are_refused_are_no_schema_mismatch() {
    let mut refusal = error("BAD_USER_INPUT", "A reason has at most 500 characters.");
    refusal["errors"][0]["extensions"]["fields"] = json!([{ "path": "reason" }]);
    let gateway = answering_one("TerminalPauseNotifications", Some(refusal)).await;
    let deed = Deed::Pause("x".repeat(501));
    let refused = client(&gateway).act(&deed).await.unwrap_err();
    assert!(matches!(refused, GatewayError::Refused { .. }), "{refused}");
}

#[tokio::test]
async fn another_program_on_the_port_is_recognised() {
    let page = "<html>\n<h1>Welcome to nginx!</h1></html>";
    let error = failure(200, "", page).await;
    assert!(matches!(error, GatewayError::NotGraphQl { .. }));
    assert!(
        error.to_string().contains("Welcome to nginx!") && error.advice().contains("--endpoint")
    );
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    let error = failure(308, "Location: https://n.example/graphql\r\n", "").await;
    assert!(
        error
            .to_string()
            .contains("redirects to https://n.example/graphql"),
        "{error}"
    );
}

#[tokio::test]
async fn silence_ends_in_a_timeout() {
    let gateway = answering_one("TerminalHealth", None).await;
    let settings = Settings {
        timeout: Duration::from_millis(500),
        retries: 1,
        ..settings(&gateway.endpoint())
    };
    let error = HttpClient::new(&settings)
        .unwrap()
        .fetch(Area::Health)
        .await
        .unwrap_err();
    assert!(matches!(error, GatewayError::Timeout { .. }), "{error}");
    // The last request may still be on its way to the stand-in.
    let both = async {
        while asked(&gateway) < 2 {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(30), both).await.unwrap();
}

#[tokio::test]
async fn nobody_there_says_why() {
    let settings = Settings {
        retries: 0,
        ..settings(&closed_endpoint())
    };
    let error = HttpClient::new(&settings)
        .unwrap()
        .full_picture()
        .await
        .unwrap_err();
    assert!(error.to_string().contains("Connection refused"), "{error}");
    assert!(!error.leaves_open());
}

#[tokio::test]
async fn an_answer_cut_in_the_middle_is_an_error_not_a_half_truth() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let half = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"data\":{\"health\":";
            stream.write_all(half).await.unwrap();
        }
    });
    let settings = Settings {
        retries: 0,
        ..settings(&endpoint)
    };
    let error = HttpClient::new(&settings)
        .unwrap()
        .fetch(Area::Health)
        .await
        .unwrap_err();
    assert!(matches!(error, GatewayError::Cut { .. }), "{error}");
    assert!(error.is_transient() && error.leaves_open());
}

#[tokio::test]
async fn one_refused_area_does_not_hide_the_others() {
    let refusal = error("FORBIDDEN", "Not for you.");
    let gateway = answering_one("TerminalInvoices", Some(refusal)).await;
    let picture = client(&gateway).full_picture().await.unwrap();
    assert_eq!(picture.len(), Area::ALL.len());
    for fetched in picture {
        match fetched.result {
            Ok(update) => assert_eq!(update.area(), fetched.area),
            Err(error) => {
                assert_eq!(fetched.area, Area::Invoices);
                assert!(matches!(error, GatewayError::Refused { .. }), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn the_figures_do_not_wait_for_the_offers() {
    let gateway = answering_one("TerminalOffers", None).await;
    let client = HttpClient::new(&Settings {
        timeout: Duration::from_secs(3600),
        ..settings(&gateway.endpoint())
    })
    .unwrap();
    let (sender, mut found) = tokio::sync::mpsc::channel(8);
    let asking = tokio::spawn(async move { client.snapshot(sender).await });
    let mut areas = std::collections::BTreeSet::new();
    while areas.len() < Area::ALL.len() - 1 {
        areas.insert(found.recv().await.unwrap().area);
    }
    assert!(!areas.contains(&Area::Offers));
    asking.abort();
}

#[tokio::test]
async fn when_nothing_answers_the_other_areas_are_not_asked() {
    let gateway = answering(9, 500, "", "").await;
    assert!(client(&gateway).full_picture().await.is_err());
    assert_eq!(asked(&gateway), 1);
}
