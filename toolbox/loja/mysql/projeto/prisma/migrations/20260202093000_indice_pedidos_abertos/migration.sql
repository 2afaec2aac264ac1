-- CreateIndex
CREATE INDEX `pedidos_status_realizado_em_idx` ON `pedidos`(`status`, `realizado_em`);
