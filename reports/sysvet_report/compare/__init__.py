"""Several runs side by side: which instances differ, and who agrees with whom."""
