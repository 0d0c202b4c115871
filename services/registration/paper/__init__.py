"""Paper: PDF pages in every letter of the committee's alphabets."""
