"""A PDF document whose pages are written as soon as they are full: reportlab itself would keep them all to the end."""

from datetime import UTC, datetime
from typing import Any, BinaryIO

from reportlab.pdfbase import pdfdoc

from explorer.store.appending import EARLIEST, LATEST

PAGES = "pages"
"""A form that pages draw and that is made at the end, when their number is known."""


class _Through(pdfdoc.PDFFile):
    """Writes what reportlab would gather."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__((1, 4))
        stream.write(b"".join(self.strings))
        self.strings.clear()
        self.write = stream.write


class StreamedDocument(pdfdoc.PDFDocument):
    """A document that keeps of a page that was written no more than where it lies in the file."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(compression=1, invariant=1, pdfVersion=(1, 4), lang="en")
        self._file = _Through(stream)
        self._written: Any = pdfdoc.PDFObject()
        # Pages speak of it before it can be made.
        self.Reference(pdfdoc.PDFObject(), self.getXObjectName(PAGES))

    def describe(self, title: str, subject: str, time: int) -> None:
        self.setTitle(title)
        self.setSubject(subject)
        self.setAuthor("event-explorer")
        self.setCreator("event-explorer")
        at = datetime.fromtimestamp(min(max(time, EARLIEST), LATEST) // 1_000_000, UTC)
        date = f"D:{at.year:04d}{at.month:02d}{at.day:02d}{at.hour:02d}{at.minute:02d}{at.second:02d}+00'00'"
        self.setDateFormatter(lambda *_: date)

    def addPage(self, page: Any) -> None:
        page.Contents = content = pdfdoc.PDFStream(content=page.stream, filters=[pdfdoc.PDFZCompress])
        super().addPage(page)
        name = getattr(page, pdfdoc.__InternalName__)
        self._write(name)
        self._write(getattr(content, pdfdoc.__InternalName__))
        pages: Any = self.Pages
        pages.pages[-1] = pdfdoc.PDFObjectReference(name)

    def addForm(self, name: str, form: Any) -> None:
        internal = self.getXObjectName(name)
        setattr(form, pdfdoc.__InternalName__, internal)
        self.idToObject[internal] = form
        self.inObject = None

    def _write(self, name: str) -> None:
        formatted = pdfdoc.PDFIndirectObject(name, self.idToObject[name]).format(self)
        self.idToOffset[name] = self._file.add(formatted)
        self.idToObject[name] = self._written

    def format(self) -> bytes:
        """Writes what is not yet written, and the table of where everything lies. It was streamed: nothing is left."""
        number = 1
        while number in self.numberToId:  # writing may add some
            name = self.numberToId[number]
            if self.idToObject[name] is not self._written:
                self._write(name)
            number += 1
        table = pdfdoc.PDFCrossReferenceTable()
        table.addsection(0, [self.numberToId[each] for each in range(1, number)])
        start = self._file.add(table.format(self))
        root, info = self.Reference(self.Catalog), self.Reference(self.info)
        trailer = pdfdoc.PDFTrailer(startxref=start, Size=number, Root=root, Info=info, ID=self.ID())
        self._file.add(trailer.format(self))
        return b""
