namespace Meshia.PowerShell;

/// <summary>What a cmdlet's work asks of the pipeline's thread.</summary>
internal abstract class PipelineRequest
{
    /// <summary>Does it; on the pipeline's thread only.</summary>
    public abstract void Do();

    /// <summary>What the host must show where the pipeline was stopped before all of it was done.</summary>
    public abstract IEnumerable<DisplayText> Lost();
}

/// <summary>One action.</summary>
/// <param name="action">What to do.</param>
/// <param name="otherwise">What the host must show where it is not done.</param>
internal sealed class PipelineAction(Action action, DisplayText? otherwise) : PipelineRequest
{
    public override void Do() => action();

    public override IEnumerable<DisplayText> Lost() => otherwise is null ? [] : [otherwise];
}
