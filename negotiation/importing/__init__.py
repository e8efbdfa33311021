"""CSV text to records, or the reasons why not: invoices and daily usage.

Pure: what an import would do against the records that are there. All or nothing: with one row error there are no
records. Writing them is the resolvers' business.
"""

from negotiation.importing.invoices import InvoiceImport, parse_invoices
from negotiation.importing.table import RowError
from negotiation.importing.usage import UsageImport, parse_usage

__all__ = ["InvoiceImport", "RowError", "UsageImport", "parse_invoices", "parse_usage"]
