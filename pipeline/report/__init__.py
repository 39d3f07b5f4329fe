"""What a person looks at: the funnel, the check of a corpus, and its documents."""
