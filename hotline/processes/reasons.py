"""Why the operating system said no, in the reader's language."""

from __future__ import annotations

import errno

_SENTENCES = {
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EADDRINUSE: "端口已被占用",
    errno.EADDRNOTAVAIL: "本机没有这个地址",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "超出磁盘配额",
    errno.EROFS: "文件系统只读",
    errno.ENOENT: "没有这个文件或目录",
    errno.ENOTDIR: "路径中有一段不是目录",
    errno.EEXIST: "已经存在",
}


def reason(error: OSError) -> str:
    """One short phrase."""
    return _SENTENCES.get(error.errno or 0, error.strerror or str(error))
