"""A household of many satellites for many minutes, and what it keeps, deletes, hears and costs."""
