"""The wizard "Email, text and call setup": a module for each of its pages, and few that serve them all.

pages.py      the list of pages, in order: to add one, write its module and its template, and name it there
page.py       what a page is, and what it is given
walk.py       from page to page: the draft, Next, Finish, leaving
sessions.py   days and times: add and delete
trying.py     the Test button
"""
