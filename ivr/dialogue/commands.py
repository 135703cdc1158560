"""What is understood at every turn, whatever was asked: a person, once more, slower, back. Pure."""

from __future__ import annotations

import re

from hotline.labels import Labelled


class Command(Labelled):
    """A wish about the conversation itself."""

    PERSON = "person", "转人工"
    REPEAT = "repeat", "重复"
    SLOWER = "slower", "慢一点"
    LOUDER = "louder", "响一点"
    BACK = "back", "返回"
    RESTART = "restart", "重新开始"
    MORE = "more", "还有吗"
    ANY = "any", "都可以"
    FINISH = "finish", "结束"


class Wish(Labelled):
    """What somebody calls for."""

    BOOK = "book", "预约挂号"
    MINE = "mine", "我的预约"
    CANCEL = "cancel", "退号"
    QUESTION = "question", "咨询"
    COMPLAINT = "complaint", "投诉"


# The first that fits is meant; so the narrower stand before the wider.
_COMMANDS = (
    (Command.PERSON, r"人工|接线员|话务员|客服|坐席|真人|找(?:个|一个)?人|(?:跟|和)人(?:说|讲)|"
                     r"(?:来|换|有)个?人(?:来|接|说|吗)|不(?:要|想).{0,4}机器"),
    (Command.SLOWER, r"慢[一点些]|(?:说|讲)慢|太快|慢慢"),
    (Command.LOUDER, r"大声|响一?[点些]|声音.{0,3}[大高响]|声音太小"),
    (Command.RESTART, r"重新(?:开始|来)|从头|回到?(?:开头|主菜单)"),
    (Command.REPEAT, r"重复|再(?:说|讲|来|报|念)一?[遍次]|没听[清见懂到]|听不[清见懂到]|"
                     r"^(?:什么|啥|嗯？|哪个)[？?]?$"),
    (Command.BACK, r"返回|上一步|退回|回去|往回|前一步"),
    (Command.MORE, r"还有(?!人)|别的|其[他它]|下一[个页批]|换一[批些]|更多"),
    (Command.ANY, r"都(?:可以|行|好|一样)|随便|无所谓|不挑|任意|哪个都|谁都|不限|没(?:有)?要求"),
    (Command.FINISH, r"再见|拜拜|挂(?:电话|了吧)|不约了|不挂了|没(?:别的|其他)?事了|结束"),
)  # fmt: skip
_WISHES = (
    (Wish.CANCEL, r"退(?:号|约|掉|了)|取消|不去了|改(?:约|期|时间|天)"),
    (Wish.MINE, r"我的(?:预约|号)|查.{0,6}(?:预约|号)|约(?:好|上|成)?(?:了)?(?:没|吗)|预约记录"),
    (Wish.COMPLAINT, r"投诉|举报|反映|告(?:你|他|医院|状)|态度.{0,4}[差坏恶]|乱收费|不满意"),
    (Wish.BOOK, r"挂|预约|约(?:个|一个)?|看(?:病|医生|门诊|专家|[个一]?下?.{0,6}科)|"
                r"专家|门诊|就诊"),
    (Wish.QUESTION, r"咨询|请问|问(?:一?下|问|个)|想(?:问|知道|了解)|怎么|多少钱|哪里|几点|能不能|"
                    r"需要什么|什么时候"),
)  # fmt: skip
_COMMANDS_READ = tuple((command, re.compile(words)) for command, words in _COMMANDS)
_WISHES_READ = tuple((wish, re.compile(words)) for wish, words in _WISHES)
_REFUSES_A_PERSON = re.compile(r"不(?:要|用|需要|想要?)(?:转)?(?:人工|接线员|客服)")


def command(said: str) -> Command | None:
    """The wish about the conversation, or None."""
    text = _REFUSES_A_PERSON.sub("", said)
    return next((found for found, words in _COMMANDS_READ if words.search(text)), None)


def wish(said: str) -> Wish | None:
    """What somebody calls for, or None."""
    return next((found for found, words in _WISHES_READ if words.search(said)), None)
