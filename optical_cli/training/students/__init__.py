"""What a student starts from: encoder, head, words, and what is known of its tokens."""
