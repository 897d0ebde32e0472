"""Records as other programs read them: a module for each format, and one table of status words for all."""
