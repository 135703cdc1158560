"""How the embedded speech model is made: text, synthetic speech, features, network, graphs.

One command a step, see docs/model-cards/small-cn.md. Nothing here is needed to answer calls. Torch
and the synthesiser come with the extra ``ivr-training``; the steps that use them import them.
"""
