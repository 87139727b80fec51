"""The pages that people see: templates, words in three languages, static files."""

from api.web.page import PageWriter, page_language
from api.web.static_files import static_response
from api.web.words import Words, load_words

__all__ = ["PageWriter", "Words", "load_words", "page_language", "static_response"]
