"""Processes of one machine: started on a tether, watched, started again, stopped in order."""
