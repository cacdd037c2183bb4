"""The book as one file: what the site says, as a PDF and as an EPUB."""
