"""Which of the candidates in a signal are the beats of a heart: acquisition, then tracking."""
