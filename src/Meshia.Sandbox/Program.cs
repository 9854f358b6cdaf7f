using Meshia.Sandbox;
using Microsoft.Data.Sqlite;

return await new CommandLine().InvokeAsync(args, async (options, life) =>
{
    try
    {
        if (life == ProcessLife.Detached)
            DetachedProcess.LeaveTerminal();
        await using var sandbox = await SandboxApplication.StartAsync(options);
        await Console.Error.WriteLineAsync(life == ProcessLife.Detached ? sandbox.DetachedText : sandbox.ReadyText);
        Console.WriteLine(sandbox.ReadyLine);
        if (life == ProcessLife.Detached)
            DetachedProcess.CloseOutput();
        if (life == ProcessLife.WithStandardInput)
        {
            // On a thread of its own: reading a console cannot be cancelled, and must not keep the process.
            _ = Task.Factory.StartNew(
                () =>
                {
                    using var input = Console.OpenStandardInput();
                    while (input.ReadByte() >= 0)
                    {
                    }

                    sandbox.RequestStop();
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        await sandbox.WaitForStopAsync();
        return 0;
    }
    catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or SqliteException or InvalidDataException or ArgumentException)
    {
        await Console.Error.WriteLineAsync($"The sandbox cannot start: {exception.Message}");
        return 1;
    }
});
