namespace Meshia;

/// <summary>What is known of a list after it was read.</summary>
internal sealed class ListFacts
{
    /// <summary>Whether no page is known to be missing.</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>The time of the service's clock at the first page, where it said so.</summary>
    public DateTimeOffset? Date { get; private set; }

    /// <summary>The time of this machine's clock at the first page.</summary>
    public DateTimeOffset LocalTime { get; private set; }

    /// <summary>By how many seconds a list may lag, where the service is a sandbox that says so.</summary>
    public double? SandboxLag { get; private set; }

    /// <summary>Reads what the answer with the first page tells.</summary>
    public void Learn(HttpResponseMessage response, DateTimeOffset localTime)
    {
        (Date, LocalTime) = (response.Headers.Date, localTime);
        if (response.RequestMessage?.RequestUri?.IsLoopback == true
            && response.Headers.TryGetValues(ContractNames.SandboxListLagHeader, out var values)
            && double.TryParse(values.FirstOrDefault(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var lag))
        {
            SandboxLag = lag;
        }
    }

    /// <summary>A page is missing.</summary>
    public void Miss() => IsComplete = false;
}
