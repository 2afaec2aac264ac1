-- Escrita à mão: o schema do Prisma não tem este índice, porque é parcial (WHERE).

CREATE INDEX "pedidos_abertos_idx" ON "pedidos" ("realizado_em")
    WHERE "status" IN ('rascunho', 'aguardando_pagamento');
