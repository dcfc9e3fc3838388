"""A municipality's policy: a document officials read and change, and what follows from it.

``facts`` what a rule may ask about a signal, ``conditions`` how it asks, ``document`` the document itself,
``evaluate`` the decision, ``explain`` its reasons, ``coverage`` gaps and dead rules, ``check`` the judgment on
a text, ``source`` a text with its line numbers. The documents that ship stand in ``services.routing.beleid``.
"""
