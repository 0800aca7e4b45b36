"""The statistical engine: learns tables of small-integer codes and makes new ones. It never sees a value."""
