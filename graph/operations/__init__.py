"""The root types: queries, mutations, subscriptions. Each field calls one use case and shows what it returns."""
