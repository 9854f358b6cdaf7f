namespace Meshia.Sandbox;

/// <summary>Logs to standard error, a line each. That of the library brings options, formats and a thread that every start would wait for.</summary>
internal sealed class StandardErrorLog : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new Category(categoryName);

    public void Dispose()
    {
    }

    private sealed class Category(string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var text = exception is null ? formatter(state, null) : $"{formatter(state, exception)} {exception}";
            Console.Error.WriteLine($"{logLevel}: {name}: {text.ReplaceLineEndings(" ")}");
        }
    }
}
