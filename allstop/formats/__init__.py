"""Files that people hand in, read as rows: CSV, Excel, iCalendar and FHIR appointments.

Bytes in, values out. Nothing here touches the database, the disk, the network or the clock: whoever calls
gives the bytes, the zone and the present moment. A file or a row that cannot be read is a value (Unreadable,
RowProblem) whose words tell a person what to do, never an exception.
"""
