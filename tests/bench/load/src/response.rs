//! Reads HTTP/1.1 responses from the bytes of a connection: by content-length, or chunked.

pub struct Response<'a> {
    pub status: u16,
    pub body: Body<'a>,
    /// Bytes of the whole response on the wire.
    pub length: usize,
}

pub enum Body<'a> {
    Plain(&'a [u8]),
    Chunked(Vec<u8>),
}

impl Body<'_> {
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Plain(bytes) => bytes,
            Self::Chunked(bytes) => bytes,
        }
    }
}

pub fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

/// The first whole response in `bytes`; None: more must be read first.
pub fn next(bytes: &[u8]) -> Result<Option<Response<'_>>, String> {
    let Some(head_end) = find(bytes, b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&bytes[..head_end]).map_err(|_| "a header is not text")?;
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|code| code.parse::<u16>().ok())
        .ok_or("the status line is not HTTP")?;
    let (mut length, mut chunked) = (0, false);
    for line in lines {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        if name.eq_ignore_ascii_case("content-length") {
            length = value
                .trim()
                .parse()
                .map_err(|_| "content-length is no number")?;
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            chunked = value.trim().eq_ignore_ascii_case("chunked");
        }
    }
    let start = head_end + 4;
    if chunked {
        return Ok(dechunked(&bytes[start..])?.map(|(body, taken)| Response {
            status,
            body: Body::Chunked(body),
            length: start + taken,
        }));
    }
    Ok(bytes.get(start..start + length).map(|body| Response {
        status,
        body: Body::Plain(body),
        length: start + length,
    }))
}

fn dechunked(bytes: &[u8]) -> Result<Option<(Vec<u8>, usize)>, String> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let Some(line_end) = find(&bytes[at..], b"\r\n") else {
            return Ok(None);
        };
        let line = std::str::from_utf8(&bytes[at..at + line_end]).unwrap_or_default();
        let size = usize::from_str_radix(line.split(';').next().unwrap_or_default().trim(), 16)
            .map_err(|_| "a chunk has no size")?;
        at += line_end + 2;
        let Some(chunk) = bytes.get(at..at + size) else {
            return Ok(None);
        };
        if bytes.len() < at + size + 2 {
            return Ok(None);
        }
        body.extend_from_slice(chunk);
        at += size + 2;
        if size == 0 {
            return Ok(Some((body, at)));
        }
    }
}
