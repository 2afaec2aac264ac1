"""The same scenarios with the real Prisma CLI on every engine at hand, and the comparison of what came out."""
