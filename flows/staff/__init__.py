"""What staff see and do at the desk (工作台)."""
