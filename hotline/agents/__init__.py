"""People, their roles and teams, and where they are (就绪 示忙 通话 话后 小休 离线)."""
