# Work is paid by whole seconds, from the start of the download to the end of the upload (S2).
rate Render 1 per 60s
2026-03-01 00:00  pack p1 10
2026-03-02 20:20  job Render from 2026-03-02 20:22:25.587368 to 2026-03-02 20:26:03.360827   => CHARGED 3.616666 from p1:3.616666
2026-03-02 20:30  job Render from 2026-03-02 20:30:00 to 2026-03-02 20:30:00.999999   => CHARGED 0
left in p1   => 6.383334
