"""Renders what `resolvers.exports` gives as text into files for people."""
