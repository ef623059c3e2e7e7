"""Records of runs on this machine's disk first, sent to a store over a network afterwards, in order and once.

A server may go away while a run trains. What is recorded is appended to a journal in the home folder and sent by one
thread; the run never waits for the store longer than seconds, and what could not be sent is sent by a later process or
by ``harness sync``. A local SQLite store has none: it is a file beside the journals would be, its transactions survive
a killed process, and no network lies between; a journal would write everything twice and save nothing.
"""
