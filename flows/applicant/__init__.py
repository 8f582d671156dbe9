"""What people who look for a home do: look at plans, prove who they are, fill in, register, follow."""
