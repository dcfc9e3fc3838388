"""What the ladder is and what may happen on it: pure, no await, no clock, no ids.

`signaal` and `ladder` say what is true, `opdrachten` and `regels` what may follow, `woorden` the closed lists,
`termijnen` the clocks of law and convenant, `overleg` what the monthly meeting with a corporation looks at.
"""
