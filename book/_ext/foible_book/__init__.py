"""What the pages of the book are made of: Sphinx extensions, a file a question."""
