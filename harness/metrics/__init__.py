"""What is measured: accuracy of rankings, utilities of groups, disparities between them."""
