"""加入者証 with its 別紙 as PDF (D08, D09), made on demand from the facts that were frozen at its issue."""

from portal.documents.kinds import DocumentKind, register

CERTIFICATE = register(
    DocumentKind(
        "credit-certificate",
        "加入者証",
        "documents/credit_tables.html",
        lambda context: f"加入者証_{context['number']}_{context['version']}.pdf",
    )
)
