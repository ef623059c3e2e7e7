"""What is wrong with a finished training, and where its unfairness comes from."""
