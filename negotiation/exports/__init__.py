"""What others take with them: tables as CSV, the FOCUS contract commitments, a briefing as Markdown. Pure text."""
