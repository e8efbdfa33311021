//! The settings of one run, resolved and checked: command line, then environment, then defaults.

use reqwest::Url;
use std::{fmt, path::PathBuf, time::Duration};

pub const DEFAULT_ENDPOINT: &str = "http://127.0.0.1:8000/graphql";

/// Where the gateway is, over HTTP and over WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(Url);

impl Endpoint {
    /// Reads an address; the bare address of a gateway means its `/graphql`.
    ///
    /// # Errors
    /// Says what is wrong and what an address looks like.
    pub fn parse(text: &str) -> Result<Self, String> {
        let example = format!("write it like {DEFAULT_ENDPOINT}");
        let mut url = Url::parse(text.trim())
            .map_err(|error| format!("{text:?} is not an address ({error}); {example}"))?;
        match url.scheme() {
            "http" | "https" => {}
            "ws" => url.set_scheme("http").unwrap_or_default(),
            "wss" => url.set_scheme("https").unwrap_or_default(),
            other => return Err(format!("{other}:// is not supported; {example}")),
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(format!("{text:?} has no host; {example}"));
        }
        if url.path() == "/" {
            url.set_path("/graphql");
        }
        url.set_fragment(None);
        Ok(Self(url))
    }

    pub fn http(&self) -> &Url {
        &self.0
    }

    pub fn websocket(&self) -> Url {
        let mut url = self.0.clone();
        let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
        url.set_scheme(scheme).unwrap_or_default();
        url
    }

    /// A gateway on this machine is never asked through a proxy.
    pub fn is_loopback(&self) -> bool {
        match self.0.host_str() {
            Some("localhost") => true,
            Some(host) => host
                .trim_matches(['[', ']'])
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback()),
            None => false,
        }
    }
}

impl fmt::Display for Endpoint {
    /// Without a password, should the address carry one.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = self.0.clone();
        if url.password().is_some() {
            url.set_password(Some("***")).unwrap_or_default();
        }
        formatter.write_str(url.as_str())
    }
}

/// A bearer token. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// # Errors
    /// When the text could not be sent in a header.
    pub fn parse(text: &str) -> Result<Self, String> {
        let token = text.trim();
        let token = token.strip_prefix("Bearer ").unwrap_or(token);
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("a token is one word of printable ASCII, without spaces".into());
        }
        Ok(Self(token.into()))
    }

    pub fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(***)")
    }
}

/// What every command needs to know.
#[derive(Clone, Debug)]
pub struct Settings {
    pub endpoint: Endpoint,
    pub token: Option<Token>,
    pub offline: bool,
    /// `None`: there is no home directory and none was named, so nothing is cached.
    pub cache_dir: Option<PathBuf>,
    pub timeout: Duration,
    pub retries: u32,
    pub colour: bool,
    pub ascii: bool,
}

/// What the environment says about the terminal and the user. Read once, in `main`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    pub home: Option<PathBuf>,
    pub no_color: bool,
    pub term: String,
    pub colorterm: String,
    pub colorfgbg: String,
    /// LC_ALL, LC_CTYPE or LANG, the first that is set.
    pub locale: String,
}

impl Environment {
    pub fn read() -> Self {
        let text = |name: &str| std::env::var(name).unwrap_or_default();
        let set = |name: &&str| !text(name).is_empty();
        Self {
            home: std::env::home_dir(),
            no_color: set(&"NO_COLOR"),
            term: text("TERM"),
            colorterm: text("COLORTERM"),
            colorfgbg: text("COLORFGBG"),
            locale: ["LC_ALL", "LC_CTYPE", "LANG"]
                .into_iter()
                .find(set)
                .map(text)
                .unwrap_or_default(),
        }
    }

    pub fn is_dumb(&self) -> bool {
        self.term == "dumb"
    }

    /// A locale that names another character set means it; none at all says nothing.
    pub fn is_unicode(&self) -> bool {
        let locale = self.locale.to_lowercase();
        let plain = matches!(locale.as_str(), "c" | "posix");
        let other = locale.split_once('.').is_some_and(|(_, charset)| {
            !charset.starts_with("utf8") && !charset.starts_with("utf-8")
        });
        !plain && !other
    }

    /// The last part of COLORFGBG is the background: 7 and 15 are white.
    pub fn is_light(&self) -> bool {
        matches!(self.colorfgbg.rsplit(';').next(), Some("7" | "15"))
    }

    pub fn has_many_colours(&self) -> bool {
        !self.colorterm.is_empty() || self.term.contains("256") || self.term.contains("kitty")
    }
}

/// Reads "250ms", "10s", "10m", "2h", "1d" or plain seconds.
///
/// # Errors
/// Says what a duration looks like.
pub fn duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let split = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let seconds = match unit.trim() {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        _ => f64::NAN,
    };
    number
        .parse::<f64>()
        .ok()
        .map(|count| count * seconds)
        .and_then(|total| Duration::try_from_secs_f64(total).ok())
        .ok_or_else(|| format!("{text:?} is not a duration; write 500ms, 15s, 10m, 2h or 1d"))
}

/// `~/.twilio-negotiation`, where there is a home.
pub fn default_cache_dir(home: Option<PathBuf>) -> Option<PathBuf> {
    home.filter(|home| !home.as_os_str().is_empty())
        .map(|home| home.join(".twilio-negotiation"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(
        "http://localhost:9000",
        "http://localhost:9000/graphql",
        "ws://localhost:9000/graphql"
    )]
    #[test_case(
        "http://localhost:9000/",
        "http://localhost:9000/graphql",
        "ws://localhost:9000/graphql"
    )]
    #[test_case(
        "https://n.example/api/graphql",
        "https://n.example/api/graphql",
        "wss://n.example/api/graphql"
    )]
    #[test_case(
        "wss://n.example",
        "https://n.example/graphql",
        "wss://n.example/graphql"
    )]
    #[test_case(
        " http://[::1]:8000 ",
        "http://[::1]:8000/graphql",
        "ws://[::1]:8000/graphql"
    )]
    fn an_address_gives_both_transports(text: &str, http: &str, live: &str) {
        let endpoint = Endpoint::parse(text).unwrap();
        assert_eq!(endpoint.http().as_str(), http);
        assert_eq!(endpoint.websocket().as_str(), live);
    }

    #[test_case("localhost:8000")]
    #[test_case("ftp://host/graphql")]
    #[test_case("")]
    #[test_case("http://")]
    fn a_bad_address_is_refused_with_an_example(text: &str) {
        assert!(
            Endpoint::parse(text)
                .unwrap_err()
                .contains(DEFAULT_ENDPOINT)
        );
    }

    #[test_case("http://127.0.0.1:8000", true)]
    #[test_case("http://localhost", true)]
    #[test_case("http://[::1]:8000", true)]
    #[test_case("https://n.example", false)]
    fn loopback_is_recognised(text: &str, expected: bool) {
        assert_eq!(Endpoint::parse(text).unwrap().is_loopback(), expected);
    }

    #[test]
    fn secrets_are_not_shown() {
        let endpoint = Endpoint::parse("https://me:hunter2@n.example").unwrap();
        assert!(!endpoint.to_string().contains("hunter2"));
        let token = Token::parse("Bearer hunter2").unwrap();
        assert_eq!(token.header(), "Bearer hunter2");
        assert!(!format!("{token:?}").contains("hunter2"));
        assert!(Token::parse("two words").is_err());
        assert!(Token::parse(" ").is_err());
    }

    #[test_case("", true)]
    #[test_case("en_GB.UTF-8", true)]
    #[test_case("C.utf8", true)]
    #[test_case("de_DE", true)]
    #[test_case("C", false)]
    #[test_case("POSIX", false)]
    #[test_case("de_DE.ISO-8859-1", false)]
    fn the_locale_says_whether_unicode_is_safe(locale: &str, expected: bool) {
        let environment = Environment {
            locale: locale.into(),
            ..Environment::default()
        };
        assert_eq!(environment.is_unicode(), expected);
    }

    #[test_case("250ms", 250)]
    #[test_case("15", 15_000)]
    #[test_case("1.5s", 1_500)]
    #[test_case("10m", 600_000)]
    #[test_case("2h", 7_200_000)]
    #[test_case("1d", 86_400_000)]
    fn durations_are_read(text: &str, millis: u64) {
        assert_eq!(duration(text), Ok(Duration::from_millis(millis)));
    }

    #[test_case("")]
    #[test_case("ten")]
    #[test_case("5 fortnights")]
    #[test_case("-1s")]
    #[test_case("1e999s")]
    fn other_words_are_not_durations(text: &str) {
        assert!(duration(text).unwrap_err().contains("write"));
    }
}
