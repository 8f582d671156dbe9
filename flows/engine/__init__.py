"""The conversation engine: flows of states, forms made of fields, and one function that plays an event."""
