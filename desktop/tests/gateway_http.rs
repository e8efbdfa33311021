//! The HTTP client against a real socket: what is retried, what is said.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use rstest::rstest;
use serde_json::json;
use std::time::{Duration, Instant};
use support::{closed_endpoint, sample, settings};
use tokio::{io::AsyncWriteExt, net::TcpListener};
use twilio_negotiation_desktop::{
    api::http::HttpClient,
    config::{Settings, Token},
    error::GatewayError,
    model::{Area, Update},
};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_partial_json, header, method, path},
};

fn client(server: &MockServer) -> HttpClient {
    HttpClient::new(&settings(&server.uri())).unwrap()
}

fn health() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({ "data": { "health": sample::health() } }))
}

fn errors(status: u16, code: &str, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({ "data": null, "errors": [
        { "message": message, "extensions": { "code": code, "correlationId": "c-1" } }
    ]}))
}

async fn answering(response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(response)
        .mount(&server)
        .await;
    server
}

async fn failure(response: ResponseTemplate) -> GatewayError {
    let server = answering(response).await;
    client(&server).fetch(Area::Health).await.unwrap_err()
}

#[tokio::test]
async fn a_request_names_its_operation_and_carries_the_token() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/graphql"))
        .and(header("authorization", "Bearer s3cret"))
        .and(header("content-type", "application/json"))
        .and(body_partial_json(
            json!({ "operationName": "TerminalHealth", "variables": {} }),
        ))
        .respond_with(health())
        .expect(1)
        .mount(&server)
        .await;
    let settings = Settings {
        token: Some(Token::parse("s3cret").unwrap()),
        ..settings(&server.uri())
    };
    let client = HttpClient::new(&settings).unwrap();
    let (update, _) = client.fetch(Area::Health).await.unwrap();
    assert!(matches!(update, Update::Health(health) if health.revision == 42));
}

#[rstest]
#[case(408)]
#[case(429)]
#[case(502)]
#[case(503)]
#[case(504)]
#[tokio::test]
async fn what_may_pass_by_itself_is_asked_again(#[case] status: u16) {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(status))
        .up_to_n_times(2)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .respond_with(health())
        .mount(&server)
        .await;
    assert!(client(&server).fetch(Area::Health).await.is_ok());
    assert_eq!(server.received_requests().await.unwrap().len(), 3);
}

#[rstest]
#[case(400)]
#[case(401)]
#[case(403)]
#[case(404)]
#[case(500)]
#[tokio::test]
async fn what_will_not_pass_is_asked_once(#[case] status: u16) {
    let server = answering(ResponseTemplate::new(status).set_body_string("no")).await;
    let error = client(&server).fetch(Area::Health).await.unwrap_err();
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
    assert!(matches!(error, GatewayError::Status { status: s, .. } if s == status));
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(429).insert_header("Retry-After", "1"))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .respond_with(health())
        .mount(&server)
        .await;
    let started = Instant::now();
    client(&server).fetch(Area::Health).await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn an_invalid_document_is_a_schema_mismatch() {
    let body =
        json!({ "errors": [{ "message": "Cannot query field 'queueDepth' on type 'Health'." }] });
    for status in [200, 400] {
        let error = failure(ResponseTemplate::new(status).set_body_json(&body)).await;
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
    let response =
        ResponseTemplate::new(200).set_body_json(json!({ "data": { "health": health } }));
    let error = failure(response).await;
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
    let server = answering(ResponseTemplate::new(200).set_body_json(body)).await;
    let error = client(&server).fetch(Area::Negotiation).await.unwrap_err();
    assert!(
        error.is_schema_mismatch() && error.to_string().contains("990.1"),
        "{error}"
    );
}

#[tokio::test]
async fn a_refusal_keeps_its_code_and_its_correlation_id() {
    let error = failure(errors(200, "FORBIDDEN", "Only analysts may see health.")).await;
    assert_eq!(
        error.to_string(),
        "FORBIDDEN: Only analysts may see health. [correlation c-1]"
    );
    let error = failure(errors(401, "UNAUTHENTICATED", "The token has expired.")).await;
    assert!(error.advice().contains("TWILIO_NEGOTIATION_TOKEN"));
}

#[tokio::test]
async fn another_program_on_the_port_is_recognised() {
    let page = "<html>\n<h1>Welcome to nginx!</h1></html>";
    let error = failure(ResponseTemplate::new(200).set_body_string(page)).await;
    assert!(matches!(error, GatewayError::NotGraphQl { .. }));
    assert!(
        error.to_string().contains("Welcome to nginx!") && error.advice().contains("--endpoint")
    );
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    let response =
        ResponseTemplate::new(308).insert_header("Location", "https://n.example/graphql");
    let error = failure(response).await;
    assert!(
        error
            .to_string()
            .contains("redirects to https://n.example/graphql"),
        "{error}"
    );
}

#[tokio::test]
async fn silence_ends_in_a_timeout() {
    let server = answering(health().set_delay(Duration::from_secs(5))).await;
    let settings = Settings {
        timeout: Duration::from_millis(500),
        retries: 1,
        ..settings(&server.uri())
    };
    let error = HttpClient::new(&settings)
        .unwrap()
        .fetch(Area::Health)
        .await
        .unwrap_err();
    assert!(matches!(error, GatewayError::Timeout { .. }), "{error}");
    assert_eq!(server.received_requests().await.unwrap().len(), 2);
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
    assert!(error.is_transient(), "{error}");
}

#[tokio::test]
async fn one_refused_area_does_not_hide_the_others() {
    let server = MockServer::start().await;
    for (name, field, value) in [
        ("TerminalHealth", "health", sample::health()),
        ("TerminalNegotiation", "negotiation", sample::negotiation()),
        ("TerminalOffers", "negotiation", sample::offers()),
        (
            "TerminalNotifications",
            "notifications",
            sample::notifications(),
        ),
        ("TerminalQueue", "notificationQueue", sample::queue()),
        ("TerminalFirings", "ruleFirings", sample::firings()),
    ] {
        Mock::given(body_partial_json(json!({ "operationName": name })))
            .respond_with(
                ResponseTemplate::new(200).set_body_json(json!({ "data": { field: value } })),
            )
            .mount(&server)
            .await;
    }
    Mock::given(body_partial_json(
        json!({ "operationName": "TerminalInvoices" }),
    ))
    .respond_with(errors(200, "FORBIDDEN", "Not for you."))
    .mount(&server)
    .await;
    for fetched in client(&server).full_picture().await.unwrap() {
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
    let server = MockServer::start().await;
    for (name, field, value) in [
        ("TerminalHealth", "health", sample::health()),
        ("TerminalNegotiation", "negotiation", sample::negotiation()),
        ("TerminalInvoices", "invoices", sample::invoices()),
        (
            "TerminalNotifications",
            "notifications",
            sample::notifications(),
        ),
        ("TerminalQueue", "notificationQueue", sample::queue()),
        ("TerminalFirings", "ruleFirings", sample::firings()),
    ] {
        Mock::given(body_partial_json(json!({ "operationName": name })))
            .respond_with(
                ResponseTemplate::new(200).set_body_json(json!({ "data": { field: value } })),
            )
            .mount(&server)
            .await;
    }
    // Answered never, as far as this test is concerned.
    Mock::given(body_partial_json(
        json!({ "operationName": "TerminalOffers" }),
    ))
    .respond_with(ResponseTemplate::new(200).set_delay(Duration::from_secs(3600)))
    .mount(&server)
    .await;
    let client = HttpClient::new(&Settings {
        timeout: Duration::from_secs(3600),
        ..settings(&server.uri())
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
    let server = answering(ResponseTemplate::new(500)).await;
    assert!(client(&server).full_picture().await.is_err());
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}
