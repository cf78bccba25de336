// Loaded at start-up, so nothing is imported here: the panel and the previews bring their style sheets on first use.
