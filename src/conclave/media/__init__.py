"""What people attach: taken in, looked at, made harmless, kept, and given back."""
