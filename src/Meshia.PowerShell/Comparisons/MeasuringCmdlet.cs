using System.Collections;
using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>What the cmdlets that measure experiments by their metrics have in common.</summary>
public abstract class MeasuringCmdlet : ReadingCmdlet
{
    /// <summary>Ids of experiments.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ExperimentId")]
    [IdOf("Experiment")]
    [ArgumentCompleter(typeof(ExperimentIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>The id of the experiment that the others are measured against.</summary>
    [Parameter]
    [IdOf("Experiment")]
    [ArgumentCompleter(typeof(ExperimentIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Baseline { get; set; }

    /// <summary>Names of metrics, with wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateWildcard]
    [ArgumentCompleter(typeof(MetricNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Metric { get; set; }

    /// <summary>Whether less or more of a metric is better: names, or wildcards, with Minimize or Maximize.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Goal { get; set; }
}
