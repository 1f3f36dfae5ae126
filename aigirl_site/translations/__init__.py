"""The product's words in other languages: found in the source, kept in .po files, compiled for Django."""
