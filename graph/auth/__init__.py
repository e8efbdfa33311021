"""Who asks (`identity`) and what they may do (`permissions`)."""
